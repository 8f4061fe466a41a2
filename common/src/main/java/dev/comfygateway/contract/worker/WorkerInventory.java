package dev.comfygateway.contract.worker;

import dev.comfygateway.contract.event.EventData;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a ComfyUI can run, read from its {@code /object_info}. Workers with the same content share one inventory, keyed
 * by its hash.
 *
 * @param hash sha256 over the content, lower-case hex
 * @param nodeClasses every installed node class
 * @param outputClasses those that produce results
 * @param fileInputs node class to the inputs that name an uploaded file
 * @param modelInputs {@code Class.input} to the model files it can choose from
 */
public record WorkerInventory(
        String hash,
        Set<String> nodeClasses,
        Set<String> outputClasses,
        Map<String, List<String>> fileInputs,
        Map<String, List<String>> modelInputs)
        implements EventData {

    public WorkerInventory {
        nodeClasses = new TreeSet<>(nodeClasses);
        outputClasses = new TreeSet<>(outputClasses);
        fileInputs = new TreeMap<>(fileInputs);
        modelInputs = new TreeMap<>(modelInputs);
    }
}
