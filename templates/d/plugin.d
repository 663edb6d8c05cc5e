// my-plugin: what a host calls.
module plugin;

import core.runtime : Runtime;
import core.stdc.stdlib : free, malloc;
import core.stdc.string : memcpy;
import std.json : JSONValue, parseJSON;
import std.string : fromStringz;

/// What a call answers. `context` has `input`, `workspace_root` (a string or null) and `config`. The message of an exception
/// is shown to whoever called.
JSONValue output(JSONValue context)
{
    return JSONValue([
        "input": context["input"],
        "workspace_root": context["workspace_root"],
        "config": context["config"],
    ]);
}

string answer(string text)
{
    JSONValue[] noFiles;
    try
        return JSONValue([
            "success": JSONValue(true),
            "output": output(parseJSON(text)),
            "error": JSONValue(null),
            "files": JSONValue(noFiles),
        ]).toString();
    catch (Exception exception)
        return JSONValue([
            "success": JSONValue(false),
            "output": parseJSON("{}"),
            "error": JSONValue(exception.msg),
            "files": JSONValue(noFiles),
        ]).toString();
}

/// The host gives it back to vtcode_plugin_free_string.
const(char)* copy(string text)
{
    auto memory = cast(char*) malloc(text.length + 1);
    if (memory is null)
        return null;
    memcpy(memory, text.ptr, text.length);
    memory[text.length] = '\0';
    return memory;
}

version (Windows)
{
    import core.sys.windows.dll : SimpleDllMain;

    mixin SimpleDllMain; // the runtime is told of the process's threads
}

__gshared bool isInitialized;

export extern (C) uint vtcode_plugin_version()
{
    return 1;
}

export extern (C) const(char)* vtcode_plugin_metadata()
{
    return copy(import("plugin.json"));
}

export extern (C) const(char)* vtcode_plugin_execute(const(char)* inputJson)
{
    if (!isInitialized)
        isInitialized = Runtime.initialize(); // the host is no program in D
    return copy(answer(fromStringz(inputJson).idup));
}

export extern (C) void vtcode_plugin_free_string(const(char)* text)
{
    free(cast(void*) text);
}
