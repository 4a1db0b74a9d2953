/** The two tools about mistakes. They share most of their words, and come together. */
import "./bank.ts";
import "./mine.ts";
