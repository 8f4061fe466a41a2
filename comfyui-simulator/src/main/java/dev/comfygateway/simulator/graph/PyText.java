package dev.comfygateway.simulator.graph;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.StringNode;

/** Python's texts and conversions of JSON values: error messages repeat them word for word. */
public final class PyText {

    private PyText() {}

    /** A value that cannot be converted; the message is Python's. */
    static final class ConversionException extends Exception {
        ConversionException(String message) {
            super(message);
        }
    }

    static String repr(JsonNode node) {
        if (node.isString()) {
            String text = node.stringValue();
            char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
            return quote
                    + text.replace("\\", "\\\\").replace("\n", "\\n").replace(quote == '\'' ? "'" : "\u0000", "\\'")
                    + quote;
        }
        if (node.isArray()) {
            List<String> parts = new ArrayList<>();
            node.forEach(item -> parts.add(repr(item)));
            return "[" + String.join(", ", parts) + "]";
        }
        if (node.isObject()) {
            List<String> parts = new ArrayList<>();
            node.properties().forEach(entry -> parts.add("'" + entry.getKey() + "': " + repr(entry.getValue())));
            return "{" + String.join(", ", parts) + "}";
        }
        return str(node);
    }

    /** What {@code str()} makes of a value. */
    public static String str(JsonNode node) {
        if (node.isNull()) {
            return "None";
        }
        if (node.isBoolean()) {
            return node.booleanValue() ? "True" : "False";
        }
        if (node.isString()) {
            return node.stringValue();
        }
        return node.isContainer() ? repr(node) : node.asString();
    }

    static JsonNode toInt(JsonNode node) throws ConversionException {
        if (node.isIntegralNumber()) {
            return node;
        }
        if (node.isBoolean()) {
            return BigIntegerNode.valueOf(node.booleanValue() ? BigInteger.ONE : BigInteger.ZERO);
        }
        if (node.isNumber()) {
            double value = node.doubleValue();
            if (Double.isNaN(value)) {
                throw new ConversionException("cannot convert float NaN to integer");
            }
            if (Double.isInfinite(value)) {
                throw new ConversionException("cannot convert float infinity to integer");
            }
            return BigIntegerNode.valueOf(
                    BigDecimal.valueOf(value).setScale(0, RoundingMode.DOWN).toBigInteger());
        }
        if (node.isString()) {
            try {
                String digits = node.stringValue().strip();
                return BigIntegerNode.valueOf(new BigInteger(digits.startsWith("+") ? digits.substring(1) : digits));
            } catch (NumberFormatException e) {
                throw new ConversionException("invalid literal for int() with base 10: " + repr(node));
            }
        }
        throw new ConversionException(
                "int() argument must be a string, a bytes-like object or a real number, not '" + typeName(node) + "'");
    }

    static JsonNode toFloat(JsonNode node) throws ConversionException {
        if (node.isNumber()) {
            return DoubleNode.valueOf(node.asDouble());
        }
        if (node.isBoolean()) {
            return DoubleNode.valueOf(node.booleanValue() ? 1.0 : 0.0);
        }
        if (node.isString()) {
            try {
                return DoubleNode.valueOf(Double.parseDouble(node.stringValue().strip()));
            } catch (NumberFormatException e) {
                throw new ConversionException("could not convert string to float: " + repr(node));
            }
        }
        throw new ConversionException(
                "float() argument must be a string or a real number, not '" + typeName(node) + "'");
    }

    static JsonNode toBool(JsonNode node) {
        boolean truth = switch (node.getNodeType()) {
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.asDouble() != 0;
            case STRING -> !node.stringValue().isEmpty();
            case ARRAY, OBJECT -> !node.isEmpty();
            default -> false;
        };
        return BooleanNode.valueOf(truth);
    }

    static JsonNode toStr(JsonNode node) {
        return node.isString() ? node : StringNode.valueOf(str(node));
    }

    private static String typeName(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> "NoneType";
            case ARRAY -> "list";
            case OBJECT -> "dict";
            default -> "object";
        };
    }
}
