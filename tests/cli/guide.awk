# guide.awk: the fenced blocks of a guide, of one kind and in order, as one script: sh is run, fails has to fail, output is what
# the block before printed last. The script is run with `bash -eu` and a file's name in $out.
/^```/ && !kind { kind = substr($0, 4); text = ""; next }
/^```/ {
    if (kind == "sh") printf "{\n%s} >\"$out\"\ncat \"$out\"\n", text
    if (kind == "fails") printf "if { %s} >\"$out\" 2>&1; then echo \"it does not fail\"; exit 1; fi\n", text
    if (kind == "output") printf "diff - <(tail -n %d \"$out\") <<\"EXPECTED\"\n%sEXPECTED\n", lines, text
    kind = ""; lines = 0
    next
}
kind { text = text $0 "\n"; lines++ }
