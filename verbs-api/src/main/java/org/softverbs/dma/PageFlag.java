package org.softverbs.dma;

/// What is special about pages of physical memory.
public enum PageFlag {
    /// Has no address in the kernel's linear map: code that wants the bytes maps the page for a
    /// moment, and a device that takes kernel virtual addresses cannot reach it.
    HIGHMEM,

    /// Encrypted for its guest alone (confidential computing): a device reaches it only when it can
    /// handle private memory itself.
    PRIVATE,

    /// Of a [#PRIVATE] page: decrypted again, to be shared with the host (`set_memory_decrypted`;
    /// what `DMA_ATTR_CC_SHARED` says of a mapping). Every device reaches it.
    SHARED,

    /// Lies in a PCI device's BAR, not in memory: peer-to-peer rules apply.
    DEVICE,

    /// Memory of a device that neither the CPU nor any other device can address
    /// (`MEMORY_DEVICE_PRIVATE`): its physical address is a name only. For another device its owner
    /// moves it to system memory, or lends an address in one of its BARs.
    DEVICE_PRIVATE
}
