package dev.comfygateway.simulator.node;

import java.time.LocalDateTime;
import java.time.ZoneId;

/**
 * A {@code filename_prefix} taken apart.
 *
 * @param subfolder the folders before the last slash
 * @param name what is before the counter
 */
record FilePrefix(String subfolder, String name) {

    static FilePrefix parse(String prefix, int width, int height) {
        LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
        String filled = prefix.replace("%width%", Integer.toString(width))
                .replace("%height%", Integer.toString(height))
                .replace("%year%", Integer.toString(now.getYear()))
                .replace("%month%", two(now.getMonthValue()))
                .replace("%day%", two(now.getDayOfMonth()))
                .replace("%hour%", two(now.getHour()))
                .replace("%minute%", two(now.getMinute()))
                .replace("%second%", two(now.getSecond()));
        int slash = filled.lastIndexOf('/');
        return slash < 0
                ? new FilePrefix("", filled)
                : new FilePrefix(filled.substring(0, slash), filled.substring(slash + 1));
    }

    private static String two(int value) {
        return value < 10 ? "0" + value : Integer.toString(value);
    }
}
