#ifndef GIVE_UP_H
#define GIVE_UP_H

/* Says why on stderr, with what the system said last, and ends the process: dlrpc passes it on. */
_Noreturn void give_up(const char *what);

#endif
