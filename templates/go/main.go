// my-plugin: what a host calls.
package main

// #include <stdlib.h>
import "C"

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"unsafe"
)

//go:embed plugin.json
var metadata string

// What a call is given.
type callContext struct {
	Input         input           `json:"input"`
	WorkspaceRoot *string         `json:"workspace_root"` // nil where the host has none
	Config        json.RawMessage `json:"config"`
}

// What input_schema in plugin.json describes.
type input struct {
	Text string `json:"text"`
}

// What a call answers.
type result struct {
	Success bool     `json:"success"`
	Output  any      `json:"output"`
	Error   *string  `json:"error"`
	Files   []string `json:"files"` // that it has written, for whoever called
}

// The text of an error is shown to whoever called.
func output(context callContext) (any, error) {
	CurrentCall().Progress(1, 1, "answering")
	return context, nil
}

func answer(text string) (answered result) {
	defer func() { // a panic that leaves the plugin would end the whole process
		if reason := recover(); reason != nil {
			answered = failed(fmt.Sprint("the plugin panicked: ", reason))
		}
	}()
	var context callContext
	if err := json.Unmarshal([]byte(text), &context); err != nil {
		return failed(err.Error())
	}
	out, err := output(context)
	if err != nil {
		return failed(err.Error())
	}
	return result{Success: true, Output: out, Files: []string{}}
}

func failed(reason string) result {
	return result{Output: struct{}{}, Error: &reason, Files: []string{}}
}

//export vtcode_plugin_version
func vtcode_plugin_version() uint32 { return 1 }

//export vtcode_plugin_metadata
func vtcode_plugin_metadata() *C.char { return C.CString(metadata) }

//export vtcode_plugin_execute
func vtcode_plugin_execute(inputJSON *C.char) *C.char {
	text, err := json.Marshal(answer(C.GoString(inputJSON)))
	if err != nil {
		return nil // the host is told that there is no answer
	}
	return C.CString(string(text))
}

//export vtcode_plugin_free_string
func vtcode_plugin_free_string(text *C.char) { C.free(unsafe.Pointer(text)) }

func main() {}
