/// The interop lab: real Linux kernels with `rdma_rxe` in QEMU, containers that run our node, and
/// the tests that bring the two together.
///
/// A test class carries [InteropTest] and takes a [KernelGuest], a [NodeContainer] or a
/// [LabNetwork] as parameter; each exists once per test run. How to run and extend it:
/// `docs/interop.md`.
@NullMarked
package org.softverbs.interop;

import org.jspecify.annotations.NullMarked;
