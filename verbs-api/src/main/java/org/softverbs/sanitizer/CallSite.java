package org.softverbs.sanitizer;

/// Where a program called.
///
/// @param className name of the class
/// @param method name of the method
/// @param line in its file; negative when it is not known
public record CallSite(String className, String method, int line) {

    /// As a line of a stack trace.
    @Override
    public String toString() {
        return className + "." + method + ":" + line;
    }
}
