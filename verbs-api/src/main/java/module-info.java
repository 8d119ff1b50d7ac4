/// The verbs API: what a ULP compiles against.
@org.jspecify.annotations.NullMarked
module org.softverbs.verbs {
    requires static transitive org.jspecify;

    exports org.softverbs.cm;
    exports org.softverbs.cm.spi;
    exports org.softverbs.dma;
    exports org.softverbs.poll;
    exports org.softverbs.rw;
    exports org.softverbs.sanitizer;
    exports org.softverbs.verbs;
    exports org.softverbs.verbs.spi;

    uses org.softverbs.cm.spi.ConnectionManagerProvider;
    uses org.softverbs.verbs.spi.RdmaProvider;
}
