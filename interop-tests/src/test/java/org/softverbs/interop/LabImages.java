package org.softverbs.interop;

import java.nio.file.Path;

/// What the lab's containers are made of. The first call builds what is not in the cache.
///
/// @param base name of the container image
/// @param guest folder with `vmlinuz` and `initramfs.cpio.gz`
/// @param scripts the folder `interop-tests/lab`
record LabImages(String base, Path guest, Path scripts) {

    static LabImages build() {
        return new LabImages(
                LabScripts.buildBaseImage(), LabScripts.buildGuest(), LabScripts.directory());
    }
}
