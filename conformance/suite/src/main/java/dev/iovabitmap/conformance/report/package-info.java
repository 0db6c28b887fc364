/** What a run is turned into: verdict, report.json, report.html, junit.xml. */
@NullMarked
package dev.iovabitmap.conformance.report;

import org.jspecify.annotations.NullMarked;
