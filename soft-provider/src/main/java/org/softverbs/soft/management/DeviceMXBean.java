package org.softverbs.soft.management;

import java.util.Map;
import org.softverbs.verbs.DeviceResources;

/// An open device, for those who look from outside.
public interface DeviceMXBean {

    /// Kind and address.
    String getName();

    /// What it counted, by name.
    Map<String, Long> getCounters();

    /// What is open on it.
    DeviceResources getResources();
}
