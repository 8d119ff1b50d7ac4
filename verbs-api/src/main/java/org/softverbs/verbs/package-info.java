/** The verbs. */
package org.softverbs.verbs;
