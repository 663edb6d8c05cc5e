#ifndef ERRORS_H
#define ERRORS_H

#include <stddef.h>

/* Writes the number of an error of the system's and what that has to say of it, in English where it can: "error 5: …". */
void describe_error(unsigned long error, char *text, size_t size);

#endif
