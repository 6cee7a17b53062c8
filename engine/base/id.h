/* id.h: UUIDs and digests. Any thread. */
#ifndef WF_BASE_ID_H
#define WF_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WF_UUID_SIZE   16
#define WF_UUID_TEXT   37 /* with NUL */
#define WF_SHA256_SIZE 32
#define WF_SHA256_TEXT 65

void wf_uuid_random(char ret_text[WF_UUID_TEXT]); /* version 4 */
/* A namespace that is no UUID is first made one: version 5 of the URL namespace and its text. */
void wf_uuid_space(const char *namespace_uuid, uint8_t ret_space[WF_UUID_SIZE]);
void wf_uuid_named(
    const uint8_t space[WF_UUID_SIZE], const char *name, char ret_text[WF_UUID_TEXT]); /* v. 5, RFC 4122 */
void wf_sha256(const void *bytes, size_t len, uint8_t ret_digest[WF_SHA256_SIZE]);
bool wf_sha256_read(const char *hex, uint8_t ret[WF_SHA256_SIZE]); /* false: it is no digest */
void wf_sha256_text(const uint8_t digest[WF_SHA256_SIZE], char ret_text[WF_SHA256_TEXT]);
/* "" when the file cannot be read. */
void wf_sha256_file(const char *path, char ret_text[WF_SHA256_TEXT]);
uint64_t wf_random_u64(void); /* from the kernel */

#endif
