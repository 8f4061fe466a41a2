package dev.comfygateway.standalone;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Free ports for tests. */
public final class FreePorts {

    private FreePorts() {}

    /** As many different ones as asked for. */
    public static List<Integer> some(int count) {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            wanted.put("port" + i, 0);
        }
        return new ArrayList<>(Ports.choose(wanted).values());
    }
}
