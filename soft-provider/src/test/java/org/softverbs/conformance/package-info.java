/// The conformance suite: what the rows of the table `verbs-semantics.tsv` say, on each kind of
/// device.
///
/// The table is a list of what two public suites check, google/rdma-unit-test (`RUT`) and the
/// Python tests of rdma-core (`PYV`): id, source file, name there, tier and semantic. The code is
/// our own.
///
/// A test carries the ids of its rows as JUnit tags, so that `./mvnw verify -Dgroups=RUT-RC-021`
/// runs that row alone. A class with [Conformance] runs once for each [DeviceKind], with a [Rig] as
/// parameter of each test. A test [Deviates] when what it asserts is not what the row says, and
/// follows a [Decision] when the row's sources contradict each other. Rows that the Java interface
/// makes impossible stand in `not-applicable.tsv`. When all of the suite has run,
/// `docs/conformance.md` is written anew.
///
/// A row whose outcome hangs on a device profile is asserted for the standard device, which is the
/// one in the report; both sides are in `DeviationsTest`.
///
/// Owner thread: the test's; classes with [RealClock] have a device thread, too. Depends on
/// devices, the simulator's world and JUnit.
@NullMarked
package org.softverbs.conformance;

import org.jspecify.annotations.NullMarked;
