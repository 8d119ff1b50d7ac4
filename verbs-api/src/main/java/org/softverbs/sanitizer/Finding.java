package org.softverbs.sanitizer;

/// What the sanitizer finds. 1 to 26 are those of the kernel, `kernel/dma/debug.c` and
/// `kernel/dma/swiotlb.c`, in its order; the others it does not look for.
///
/// The kernel's behaviour is that of Linux 6.1 with `CONFIG_DMA_API_DEBUG`.
public enum Finding {
    /// 1: an address that is none is unmapped.
    INVALID_ADDRESS(
            1,
            "an address that is none is unmapped",
            "dma-debug: \"device driver tries to free an invalid DMA memory " + "address\""),
    /// 2: something is unmapped that is not mapped.
    NOT_MAPPED(
            2,
            "something is unmapped that is not mapped",
            "dma-debug: \"device driver tries to free DMA memory it has not "
                    + "allocated\"; the IOMMU layer warns or frees another's address"),
    /// 3: something is unmapped with another size.
    WRONG_SIZE(
            3,
            "something is unmapped with another size",
            "dma-debug: \"device driver frees DMA memory with different "
                    + "size\"; a part stays mapped or another mapping is cut"),
    /// 4: something is unmapped by another function than mapped it.
    WRONG_FUNCTION(
            4,
            "something is unmapped by another function than mapped it",
            "dma-debug: \"device driver frees DMA memory with wrong function\""),
    /// 5: coherent memory is freed with another CPU address.
    WRONG_CPU_ADDRESS(
            5,
            "coherent memory is freed with another CPU address",
            "dma-debug: \"device driver frees DMA memory with different CPU "
                    + "address\"; other pages are freed"),
    /// 6: a list is unmapped with another number of entries.
    WRONG_ENTRY_COUNT(
            6,
            "a list is unmapped with another number of entries",
            "dma-debug: \"device driver frees DMA sg list with different entry " + "count\""),
    /// 7: something is unmapped with another direction.
    WRONG_DIRECTION(
            7,
            "something is unmapped with another direction",
            "dma-debug: \"device driver frees DMA memory with different "
                    + "direction\"; data is not copied back or cached lines are lost"),
    /// 8: nobody asked whether the mapping failed.
    ERROR_NOT_CHECKED(
            8,
            "nobody asked whether the mapping failed",
            "dma-debug: \"device driver failed to check map error\""),
    /// 9: something is synced that is not mapped.
    SYNC_NOT_MAPPED(
            9,
            "something is synced that is not mapped",
            "dma-debug: \"device driver tries to sync DMA memory it has not " + "allocated\""),
    /// 10: a sync goes beyond what is mapped.
    SYNC_OUTSIDE(
            10,
            "a sync goes beyond what is mapped",
            "dma-debug: \"device driver syncs DMA memory outside allocated " + "range\""),
    /// 11: a sync has another direction than the mapping.
    SYNC_DIRECTION(
            11,
            "a sync has another direction than the mapping",
            "dma-debug: \"device driver syncs DMA memory with different " + "direction\""),
    /// 12: what the device only reads is synced for the CPU as if it had written.
    SYNC_FOR_CPU_READ_ONLY(
            12,
            "what the device only reads is synced for the CPU as if it had " + "written",
            "dma-debug: \"device driver syncs device read-only DMA memory for " + "cpu\""),
    /// 13: what the device only writes is synced for it as if it would read.
    SYNC_FOR_DEVICE_WRITE_ONLY(
            13,
            "what the device only writes is synced for it as if it would read",
            "dma-debug: \"device driver syncs device write-only DMA memory to " + "device\""),
    /// 14: a list is synced with another number of entries.
    SYNC_ENTRY_COUNT(
            14,
            "a list is synced with another number of entries",
            "dma-debug: \"device driver syncs DMA sg list with different entry " + "count\""),
    /// 15: the stack of a task is mapped.
    STACK(
            15,
            "the stack of a task is mapped",
            "dma-debug: \"device driver maps memory from stack\""),
    /// 16: the kernel's text or constants are mapped.
    KERNEL_TEXT(
            16,
            "the kernel's text or constants are mapped",
            "dma-debug: \"device driver maps memory from kernel text or " + "rodata\""),
    /// 17: a kernel address is mapped that is no memory of the linear map.
    INVALID_KERNEL_ADDRESS(
            17,
            "a kernel address is mapped that is no memory of the linear map",
            "dma-debug: \"device driver maps memory from invalid area\"; some "
                    + "other page is mapped"),
    /// 18: a vmalloc address is mapped as a single run.
    VMALLOC(
            18,
            "a vmalloc address is mapped as a single run",
            "warns \"rejecting DMA map of vmalloc memory\" and refuses"),
    /// 19: cache lines are mapped twice while a device writes them.
    OVERLAP(
            19,
            "cache lines are mapped twice while a device writes them",
            "dma-debug: \"cacheline tracking EEXIST, overlapping mappings " + "aren't supported\""),
    /// 20: a list's element is longer than the device's segments may be.
    SEGMENT_TOO_LONG(
            20,
            "a list's element is longer than the device's segments may be",
            "dma-debug: \"mapping sg segment longer than device claims to " + "support\""),
    /// 21: a segment crosses an address that it must not.
    SEGMENT_CROSSES_BOUNDARY(
            21,
            "a segment crosses an address that it must not",
            "dma-debug: \"mapping sg segment across boundary\""),
    /// 22: a driver went away and left something mapped.
    LEFT_MAPPED(
            22,
            "a driver went away and left something mapped",
            "dma-debug: \"device driver has pending DMA allocations while "
                    + "released from device\", with the count and one example"),
    /// 23: there is no room to remember a mapping.
    OUT_OF_ENTRIES(
            23,
            "there is no room to remember a mapping",
            "dma-debug: \"debugging out of memory - disabling\", after 65536 "
                    + "entries or what was asked for at boot; softverbs has no such "
                    + "limit and never reports it"),
    /// 24: a bounce buffer is synced before its first byte.
    BOUNCE_BEFORE_START(
            24,
            "a bounce buffer is synced before its first byte",
            "swiotlb: \"Access before mapping start detected\"; copies nothing"),
    /// 25: a bounce buffer is synced from behind its last byte.
    BOUNCE_OFFSET_OVERFLOW(
            25,
            "a bounce buffer is synced from behind its last byte",
            "swiotlb: \"Buffer overflow detected. Allocation size\"; copies " + "nothing"),
    /// 26: a sync goes beyond the end of a bounce buffer.
    BOUNCE_SIZE_OVERFLOW(
            26,
            "a sync goes beyond the end of a bounce buffer",
            "swiotlb: \"Buffer overflow detected\" and copies what is inside"),
    /// 27: a device reaches what was unmapped.
    DEVICE_USE_AFTER_UNMAP(
            27,
            "a device reaches what was unmapped",
            "nothing, or a fault of the IOMMU; in lazy mode the IOTLB lets it "
                    + "through until the next flush"),
    /// 28: a device reaches beyond the bytes that are mapped, in the same granule.
    DEVICE_OUTSIDE_MAPPING(
            28,
            "a device reaches beyond the bytes that are mapped, in the same " + "granule",
            "nothing: the IOMMU maps whole granules"),
    /// 29: a device writes what it may only read, or reads what it may only write.
    DEVICE_AGAINST_DIRECTION(
            29,
            "a device writes what it may only read, or reads what it may only " + "write",
            "a fault of the IOMMU; without one nothing"),
    /// 30: the CPU touches a buffer that the device owns.
    CPU_WHILE_DEVICE_OWNS(
            30,
            "the CPU touches a buffer that the device owns",
            "nothing; data is lost where caches are not coherent, or bounced"),
    /// 31: the other side's bytes are used without a sync between.
    MISSING_SYNC(
            31,
            "the other side's bytes are used without a sync between",
            "nothing; stale data where caches are not coherent, or bounced"),
    /// 32: memory is given back while it is mapped.
    FREED_WHILE_MAPPED(
            32,
            "memory is given back while it is mapped",
            "nothing; the device corrupts whoever has the page next"),
    /// 33: an address is given out again while a queued request still names it.
    ADDRESS_REUSED(
            33,
            "an address is given out again while a queued request still names " + "it",
            "nothing; the device reaches another's memory"),
    /// 34: a peer's bus address is unmapped as if it were a page's.
    BUS_ADDRESS_UNMAPPED(
            34,
            "a peer's bus address is unmapped as if it were a page's",
            "unmaps an I/O virtual address of the same value, which is " + "another's or nobody's"),
    /// 35: a device uses an I/O virtual address that was not linked, or not synced.
    NOT_LINKED_OR_SYNCED(
            35,
            "a device uses an I/O virtual address that was not linked, or not " + "synced",
            "a fault of the IOMMU; unsynced links may work by luck"),
    /// 36: a two-step mapping is destroyed with another length than is linked.
    WRONG_MAPPED_LENGTH(
            36,
            "a two-step mapping is destroyed with another length than is " + "linked",
            "links stay in the page table of freed addresses, or the IOMMU " + "layer warns"),
    /// 37: a device uses a bus address that another device was given.
    FOREIGN_BUS_ADDRESS(
            37,
            "a device uses a bus address that another device was given",
            "nothing; the request ends at a wrong or no peer"),
    /// 38: private memory is shown to a device that cannot use it.
    PRIVATE_EXPOSED(
            38,
            "private memory is shown to a device that cannot use it",
            "the device reads ciphertext or gets a fault (RMP, TDX)"),
    /// 39: a device reads bytes of somebody else around a bounced buffer.
    STALE_BYTES(
            39,
            "a device reads bytes of somebody else around a bounced buffer",
            "nothing; the bytes are disclosed"),
    /// 40: the local DMA key is used by user code or by a peer.
    LOCAL_KEY_MISUSED(
            40,
            "the local DMA key is used by user code or by a peer",
            "a device that has the key refuses it with a protection error; "
                    + "rdmavt lets a peer use key 0"),
    /// 41: a fast registration or its key is used in the wrong order.
    FAST_KEY_MISUSED(
            41,
            "a fast registration or its key is used in the wrong order",
            "a completion in error, or, when the key has wrapped, access to " + "another's memory"),
    /// 42: a mapping is undone, or used again, while a request that names it is under way.
    UNMAP_BEFORE_COMPLETION(
            42,
            "a mapping is undone, or used again, while a request that names it " + "is under way",
            "nothing; the device reaches what is no longer its own"),
    /// 43: memory beyond the device's mask is mapped and cannot be bounced.
    BEYOND_MASK(
            43,
            "memory beyond the device's mask is mapped and cannot be bounced",
            "warns \"DMA addr overflow\" and gives DMA_MAPPING_ERROR"),
    /// 44: a mapping or a transaction was lost without being closed.
    LOST_HANDLE(
            44,
            "a mapping or a transaction was lost without being closed",
            "nothing before the driver goes away"),
    /// 45: the bytes of a send request changed before its completion was taken.
    SEND_BUFFER_CHANGED(
            45,
            "the bytes of a send request changed before its completion was taken",
            "nothing; the peer gets the old bytes, the new ones or some of each");

    private final int number;
    private final String title;
    private final String kernel;

    Finding(int number, String title, String kernel) {
        this.number = number;
        this.title = title;
        this.kernel = kernel;
    }

    /// 1 to 45.
    public int number() {
        return number;
    }

    /// What is wrong, in a few words.
    public String title() {
        return title;
    }

    /// What Linux does.
    public String kernel() {
        return kernel;
    }
}
