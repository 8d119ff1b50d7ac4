package org.softverbs.soft.physical;

/// What an address of the kernel is.
public enum KernelArea {
    /// Memory of the linear map that may be mapped.
    MEMORY,
    /// The stack of a task.
    STACK,
    /// The kernel's text and constants.
    TEXT,
    /// Pages put side by side (`vmalloc`).
    VMALLOC,
    /// Nothing, or memory that the linear map leaves out.
    INVALID
}
