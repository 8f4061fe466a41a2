package dev.comfygateway.simulator.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A binary heap in the same array order as Python's {@code heapq}, because {@code GET /queue} shows the array. */
final class PromptHeap {

    private final List<PromptItem> items = new ArrayList<>();

    List<PromptItem> items() {
        return List.copyOf(items);
    }

    int size() {
        return items.size();
    }

    /** Appends; false when an item of the same number and id is there, which Python cannot compare. */
    boolean push(PromptItem item) {
        boolean clash = items.stream().anyMatch(known -> known.compareTo(item) == 0);
        items.add(item);
        if (!clash) {
            siftUp(0, items.size() - 1);
        }
        return !clash;
    }

    PromptItem pop() {
        PromptItem last = items.removeLast();
        if (items.isEmpty()) {
            return last;
        }
        PromptItem first = items.getFirst();
        items.set(0, last);
        siftDown(0);
        return first;
    }

    boolean removeFirst(Predicate<PromptItem> condition) {
        for (int i = 0; i < items.size(); i++) {
            if (condition.test(items.get(i))) {
                items.remove(i);
                for (int at = items.size() / 2 - 1; at >= 0; at--) {
                    siftDown(at);
                }
                return true;
            }
        }
        return false;
    }

    void clear() {
        items.clear();
    }

    private void siftUp(int start, int position) {
        PromptItem item = items.get(position);
        int at = position;
        while (at > start) {
            int parent = (at - 1) >> 1;
            if (item.compareTo(items.get(parent)) >= 0) {
                break;
            }
            items.set(at, items.get(parent));
            at = parent;
        }
        items.set(at, item);
    }

    private void siftDown(int position) {
        PromptItem item = items.get(position);
        int at = position;
        int child = 2 * at + 1;
        while (child < items.size()) {
            int right = child + 1;
            if (right < items.size() && items.get(child).compareTo(items.get(right)) >= 0) {
                child = right;
            }
            items.set(at, items.get(child));
            at = child;
            child = 2 * at + 1;
        }
        items.set(at, item);
        siftUp(position, at);
    }
}
