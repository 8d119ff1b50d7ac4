@NullMarked
package org.softverbs.soft.script;

import org.jspecify.annotations.NullMarked;
