package dev.comfygateway.k8s;

import java.util.List;
import java.util.Map;

/**
 * Changes to a document, at places like {@code spec/template/spec/containers/service/image}: an element of a list is named
 * by its {@code name} or its number; {@code ~1} stands for a slash.
 */
final class Tree {

    private Tree() {}

    /** The document of a kind and name among others; a name may go on with a hash. */
    static Map<String, Object> find(List<Map<String, Object>> documents, String kind, String name) {
        return documents.stream()
                .filter(document -> kind.equals(document.get("kind"))
                        && StrictReader.name(document).matches(name + "(-[a-z0-9]{10})?"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No " + kind + " " + name));
    }

    static void put(Map<String, Object> document, String path, Object value) {
        switch (parent(document, path)) {
            case Map<?, ?> map -> mutable(map).put(key(path), value);
            case List<?> list -> mutable(list).set(index(list, key(path)), value);
            default -> throw new IllegalArgumentException(path);
        }
    }

    static Object remove(Map<String, Object> document, String path) {
        Object removed = switch (parent(document, path)) {
            case Map<?, ?> map -> map.remove(key(path));
            case List<?> list -> list.remove(index(list, key(path)));
            default -> null;
        };
        if (removed == null) {
            throw new IllegalArgumentException("Nothing at " + path);
        }
        return removed;
    }

    static void rename(Map<String, Object> document, String path, String name) {
        put(document, path.substring(0, path.lastIndexOf('/') + 1) + name, remove(document, path));
    }

    private static Object parent(Map<String, Object> document, String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? document : get(document, path.substring(0, slash));
    }

    private static String key(String path) {
        return path.substring(path.lastIndexOf('/') + 1).replace("~1", "/");
    }

    private static Object get(Map<String, Object> document, String path) {
        Object node = document;
        for (String step : path.split("/", -1)) {
            String key = step.replace("~1", "/");
            node = switch (node) {
                case Map<?, ?> map -> map.get(key);
                case List<?> list -> list.get(index(list, key));
                case null, default -> null;
            };
            if (node == null) {
                throw new IllegalArgumentException("Nothing at " + path);
            }
        }
        return node;
    }

    private static int index(List<?> list, String key) {
        if (key.chars().allMatch(Character::isDigit)) {
            return Integer.parseInt(key);
        }
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof Map<?, ?> map && key.equals(map.get("name"))) {
                return i;
            }
        }
        throw new IllegalArgumentException("No " + key + " in " + list);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> mutable(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> mutable(List<?> list) {
        return (List<Object>) list;
    }
}
