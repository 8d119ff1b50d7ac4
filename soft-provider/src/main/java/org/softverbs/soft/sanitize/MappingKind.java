package org.softverbs.soft.sanitize;

/// By what function something was mapped.
public enum MappingKind {
    /// `dma_map_single` and `dma_map_page`, which the kernel does not tell apart.
    SINGLE("map_single or map_page"),
    SG("map_sg"),
    COHERENT("alloc_coherent"),
    RESOURCE("map_resource"),
    /// A part of a two-step mapping.
    LINK("iova_link"),
    /// A handle, which knows how to undo itself.
    HANDLE("a handle");

    private final String function;

    MappingKind(String function) {
        this.function = function;
    }

    String function() {
        return function;
    }
}
