/** Names of files, or titles, that try to be more than text where they end up. */
export const kHostileNames = [
  "]]>.csv",
  '"><script>hit()</script>',
  "'><!-- -->",
  "&quot;&#34;",
  "right\u202Eleft.csv",
  "\u2066isolated\u2069 \u200Bunseen\uFEFF",
  "{% include x %}",
  "{{ 7 * 7 }}",
  "{window.hit=1}",
  "a blank\n\nline",
  "lines\r\u2028\u2029\u0085\v\fof all kinds\r\n# here",
  "\0\u0001\u001B[31m",
  "\uFFFE\uFFFF\uD800",
  "half \uDC00",
  '""" + hit() + """',
  "''' \\",
  "-*- coding: utf-7 -*-",
  "coding=rot13",
  "```",
  "~~~ # `a`",
  "../../etc/passwd",
  "C:\\con.",
  "$HOME $(hit) %PATH%",
  "名".repeat(200),
  "𠀀".repeat(200),
  "e\u0301".repeat(9),
  "\u202E",
  "",
];

/** What may not be in any text that leaves the page: a control, a character that reverses text or is in no valid file. */
export const kUnprintable =
  /[\p{Cs}\p{Noncharacter_Code_Point}\u200B\u202A-\u202E\u2028\u2029\u2066-\u2069\uFEFF]|(?!\n)\p{Cc}/u;
