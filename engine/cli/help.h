/* help.h: what help and the man pages share. */
#ifndef WF_CLI_HELP_H
#define WF_CLI_HELP_H

/* The text as roff, and the end of its line. */
void wf_roff(const char *text);

#endif
