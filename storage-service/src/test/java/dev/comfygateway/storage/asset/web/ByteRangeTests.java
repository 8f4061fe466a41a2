package dev.comfygateway.storage.asset.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteRangeTests {

    @Test
    void readsSingleRanges() {
        assertThat(ByteRange.parse("bytes=0-0", 10)).isEqualTo(new ByteRange(0, 0));
        assertThat(ByteRange.parse("bytes=5-100", 10)).isEqualTo(new ByteRange(5, 9));
        assertThat(ByteRange.parse("bytes=9-", 10)).isEqualTo(new ByteRange(9, 9));
        assertThat(ByteRange.parse("bytes=-100", 10)).isEqualTo(new ByteRange(0, 9));
    }

    @Test
    void sendsTheWholeForWhatItDoesNotKnow() {
        for (String header : new String[] {"bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=5-2", "nonsense"}) {
            assertThat(ByteRange.parse(header, 10)).isNull();
        }
        assertThat(ByteRange.parse(null, 10)).isNull();
    }

    @Test
    void refusesWhatLiesOutside() {
        assertThat(ByteRange.parse("bytes=10-", 10)).isEqualTo(ByteRange.UNSATISFIABLE);
        assertThat(ByteRange.parse("bytes=-0", 10)).isEqualTo(ByteRange.UNSATISFIABLE);
    }
}
