package dev.comfygateway.settings;

/** A setting is missing or wrong. Shown to the operator as one line that names the variable. */
public final class InvalidSettingException extends RuntimeException {

    private final String variable;

    /**
     * @param variable name of the environment variable
     * @param detail what is wrong with it and what would be right; must not repeat secrets
     */
    public InvalidSettingException(String variable, String detail) {
        super(variable + " " + detail);
        this.variable = variable;
    }

    public String variable() {
        return variable;
    }
}
