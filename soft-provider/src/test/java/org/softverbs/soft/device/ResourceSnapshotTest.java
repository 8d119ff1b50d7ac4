package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.DeviceResources;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;

class ResourceSnapshotTest {

    private static List<DeviceProfile> profiles() {
        return List.of(
                DeviceProfile.standard(),
                DeviceProfile.of(Deviation.PROTECTION_DOMAINS_UNENFORCED));
    }

    /// Also where no domain keeps anybody out.
    @ParameterizedTest
    @MethodSource("profiles")
    void shouldNameTheDomainThatEachThingWasMadeOf(DeviceProfile profile) {
        TestNode node = VerbSides.pair(profile).left;
        try (ProtectionDomain other = node.context.allocateProtectionDomain();
                QueuePair queuePair =
                        other.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        node.sends, QueuePairCapabilities.small()));
                SharedReceiveQueue shared =
                        other.createSharedReceiveQueue(new SharedReceiveQueueOptions(4, 1, 0))) {
            DeviceResources all = node.context.resources();
            List<Integer> domains =
                    all.protectionDomains().stream()
                            .map(DeviceResources.ProtectionDomainEntry::number)
                            .toList();
            assertThat(domains).hasSize(2).doesNotContain(0).doesNotHaveDuplicates();
            assertThat(all.queuePairs())
                    .extracting(
                            it -> it.number() == queuePair.number(), it -> it.protectionDomain())
                    .containsExactlyInAnyOrder(
                            tuple(false, domains.getFirst()), tuple(true, domains.getLast()));
            assertThat(all.memoryRegions())
                    .extracting(DeviceResources.MemoryRegionEntry::protectionDomain)
                    .containsExactly(domains.getFirst());
            assertThat(all.sharedReceiveQueues())
                    .extracting(DeviceResources.SharedReceiveQueueEntry::protectionDomain)
                    .as(shared.toString())
                    .containsExactly(domains.getLast());
        }
    }
}
