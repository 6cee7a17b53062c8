/* fuzz_val.c: JSON text. What is accepted can be written and read again, and is then written the same. (The values may
 * differ: 1e999 is infinite, but is written as the largest number.) */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "value/val.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    jv value, again;
    struct wf_err err = {0};

    if (wf_val_parse((const char *)bytes, len, &value, &err) != 0) {
        if (err.msg[0] == '\0')
            abort();
        return 0;
    }
    char *text = wf_val_text(&value);
    if (!text || wf_val_parse(text, strlen(text), &again, NULL) != 0)
        abort();
    char *twice = wf_val_text(&again);
    if (!twice || strcmp(text, twice) != 0)
        abort();
    free(text);
    free(twice);
    jv_free(value);
    jv_free(again);
    return 0;
}
