/// Events of the JDK's flight recorder: what queue pairs and devices do that is out of the
/// ordinary.
///
/// Any thread. Nothing is allocated while an event is not recorded. Depends on the verbs API and on
/// `jdk.jfr` only.
@NullMarked
package org.softverbs.soft.jfr;

import org.jspecify.annotations.NullMarked;
