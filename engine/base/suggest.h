/* suggest.h: did you mean ...? Any thread. */
#ifndef WF_BASE_SUGGEST_H
#define WF_BASE_SUGGEST_H

/* The closest of names (NULL-terminated) when it is close enough to be a typo, else NULL. */
const char *wf_suggest(const char *word, const char *const *names);

#endif
