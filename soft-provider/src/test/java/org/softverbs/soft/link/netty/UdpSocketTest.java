package org.softverbs.soft.link.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Sockets that cannot be made.
class UdpSocketTest {

    private static final InetAddress ADDRESS = InetAddress.ofLiteral("127.4.1.1");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCloseEverythingWhenAnOptionIsRefused(boolean nio) {
        List<Channel> opened = new ArrayList<>();
        assertThatThrownBy(
                        () ->
                                UdpSocket.bind(
                                        ADDRESS,
                                        UdpLink.PORT,
                                        nio,
                                        () -> true,
                                        channel -> {
                                            opened.add(channel);
                                            throw new ChannelException("no such option");
                                        }))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        thrown -> assertThat(thrown.errno()).isEqualTo(Errno.EIO))
                .hasMessageContainingAll("127.4.1.1 port 4791", "no such option");
        assertThat(opened).hasSize(1).noneMatch(Channel::isOpen);
    }
}
