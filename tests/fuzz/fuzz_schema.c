/* fuzz_schema.c: JSON Schemas: the first line is the schema, the rest a value; without a second line the schema is
 * checked against itself. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "value/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes, *line = memchr(bytes, '\n', len);
    size_t first = line ? (size_t)(line - text) : len;
    struct wf_schema *schema;
    struct wf_err err = {0};
    jv document, value;

    if (wf_val_parse(text, first, &document, NULL) != 0)
        return 0;
    if (!line || wf_val_parse(line, len - first, &value, NULL) != 0)
        value = jv_copy(document);
    if (wf_schema_new(document, &schema, &err) == 0) {
        int rc = wf_schema_check(schema, &value, &err);

        if (rc != wf_schema_check(schema, &value, NULL) || (rc != 0) != (err.msg[0] != '\0'))
            abort();
        wf_schema_check_literal(schema, &value, NULL);
        wf_schema_free(schema);
    } else if (err.msg[0] == '\0') {
        abort();
    }
    jv_free(value);
    return 0;
}
