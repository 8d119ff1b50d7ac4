package org.softverbs.interop;

/// A program for [NodeContainerIT] to start in a container.
final class Greeting {

    private Greeting() {}

    public static void main(String[] arguments) {
        System.out.println("hello " + arguments[0]);
    }
}
