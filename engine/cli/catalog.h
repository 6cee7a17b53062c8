/* catalog.h: the steps of the loaded plugins, as the loader of definitions asks for them. Loop thread. */
#ifndef WF_CLI_CATALOG_H
#define WF_CLI_CATALOG_H

#include "def/def.h"
#include "host/host.h"

struct wf_catalog;

struct wf_catalog *wf_catalog_new(struct wf_hosting *); /* the hosting must outlive it */
void wf_catalog_free(struct wf_catalog *);
/* Lives as long as the catalog. It explains unknown steps by the refusal of a plugin that has them, or may have. */
const struct wf_step_catalog *wf_catalog_steps(const struct wf_catalog *);

#endif
