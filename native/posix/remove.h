#ifndef REMOVE_H
#define REMOVE_H

/* What the program finds open when it is to do something with a directory:
   src/platform/linux/processes/directory-process.ts. */
enum { DIRECTORY = 3 };

/* Removes all that is in the directory, whatever it is. Returns 0, or the errno of what could not be removed. */
int empty_directory(int directory);

#endif
