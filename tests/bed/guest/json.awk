# Reads JSON and prints each scalar as PATH<TAB>VALUE, one a line: members and indices joined by "/",
# strings decoded, but with \n, \t, \r and \\ kept as escapes (printf %b turns them back), so
# that one value stays one line. Bytes, not characters: run it with LC_ALL=C.
# Exit status 1 when the text is not JSON.

{ text = text $0 "\n" }

END {
    at = 1
    length_of_text = length(text)
    value("")
    space()
    if (at <= length_of_text) fail("text after the value")
}

function fail(why) {
    print "json: " why " at byte " at > "/dev/stderr"
    exit 1
}

function space() {
    while (index(" \t\r\n", substr(text, at, 1)) && at <= length_of_text) at++
}

function value(path,    c, i, name, number) {
    space()
    c = substr(text, at, 1)
    if (c == "{") {
        at++; space()
        if (substr(text, at, 1) == "}") { at++; return }
        while (1) {
            space()
            name = string()
            space()
            if (substr(text, at, 1) != ":") fail("no colon")
            at++
            value(path "/" name)
            space()
            c = substr(text, at++, 1)
            if (c == "}") return
            if (c != ",") fail("no comma in an object")
        }
    }
    if (c == "[") {
        at++; space()
        if (substr(text, at, 1) == "]") { at++; return }
        for (i = 0; ; i++) {
            value(path "/" i)
            space()
            c = substr(text, at++, 1)
            if (c == "]") return
            if (c != ",") fail("no comma in an array")
        }
    }
    if (c == "\"") { print path "\t" string(); return }
    number = substr(text, at, 64)
    if (match(number, /^(true|false|null|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)) {
        print path "\t" substr(number, 1, RLENGTH)
        at += RLENGTH
        return
    }
    fail("no value")
}

function string(    out, c, e, code) {
    if (substr(text, at, 1) != "\"") fail("no string")
    at++
    while (1) {
        if (at > length_of_text) fail("a string without end")
        # whole runs at a time: character by character is slow under emulation
        if (match(substr(text, at, 4096), /^[^"\\]+/)) {
            out = out substr(text, at, RLENGTH)
            at += RLENGTH
            continue
        }
        c = substr(text, at++, 1)
        if (c == "\"") return out
        e = substr(text, at++, 1)
        if (e == "u") {
            code = unit()
            if (code >= 55296 && code < 56320 && substr(text, at, 2) == "\\u") {
                at += 2
                code = 65536 + (code - 55296) * 1024 + (unit() - 56320)
            }
            out = out utf8(code)
        } else if (e == "n" || e == "t" || e == "r" || e == "\\") out = out "\\" e
        else if (e == "b" || e == "f") out = out " "
        else if (e == "\"" || e == "/") out = out e
        else fail("an unknown escape")
    }
}

function unit(    i, n, d) {
    for (i = 0; i < 4; i++) {
        d = index("0123456789abcdef", tolower(substr(text, at++, 1)))
        if (!d) fail("not four hexadecimal digits")
        n = n * 16 + d - 1
    }
    return n
}

function utf8(code) {
    if (code == 10) return "\\n"
    if (code == 92) return "\\\\"
    if (code < 32) return " "
    if (code < 128) return sprintf("%c", code)
    if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
    return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}
