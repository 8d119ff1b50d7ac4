package org.softverbs.ulp.devinfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.softverbs.cli.Softverbs;

/// What `devinfo` tells of the profile of a device.
class DevinfoTest {

    private static final String DEVICE = "rxe@127.7.9.1";

    /// How a command ended.
    private record Ended(int code, String out, String err) {}

    private static Ended devinfo(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = new String[arguments.length + 3];
        all[0] = "devinfo";
        all[1] = "--device";
        all[2] = DEVICE;
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        int code = Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
        return new Ended(code, out.toString(), err.toString());
    }

    @Test
    void shouldTellThatNothingDeviates() {
        Ended ended = devinfo();
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).containsPattern("profile: +\\tstandard");
    }

    @Test
    void shouldTellOfTheProfileThatIsWanted() {
        assertThat(devinfo("--profile", "mlx5").out()).containsPattern("profile: +\\tmlx5");
        assertThat(devinfo("--json", "--profile", "rxe,DATAGRAMS_ABSENT").out())
                .contains("\"profile\":\"rxe,DATAGRAMS_ABSENT\"");
    }

    @Test
    void shouldRefuseAProfileThatThereIsNot() {
        Ended ended = devinfo("--profile", "mlx6");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("'mlx6' is neither a profile, one of standard, mlx5, mlx4, irdma, rxe");
    }
}
