// dlrpc_plugin.h for Go, with cgo. Copy this file, dlrpc_plugin.h and vtcode_plugin.h beside the plugin's main.go, and build
// with -buildmode=c-shared: dlrpc_plugin_attach is exported by the file being there. Everything works in every goroutine, and
// does nothing where there is no table, as in VT Code, or once the call is over.
//
//	//export vtcode_plugin_execute
//	func vtcode_plugin_execute(input *C.char) *C.char {
//		call := CurrentCall() // here: a goroutine that is started runs on another thread, and is given the Call
//		pages := pagesOf(C.GoString(input))
//		for i, page := range pages {
//			if call.ShouldStop() {
//				return C.CString(`{"success":false,"output":{},"error":"stopped","files":[]}`)
//			}
//			call.Output(convert(page)) // the text of a JSON value
//			call.Progress(float64(i+1), float64(len(pages)), page.name)
//		}
//		return C.CString(`{"success":true,"output":{},"error":null,"files":[]}`)
//	}
//
// main.go does not include vtcode_plugin.h itself: cgo declares what Go exports without the header's const.
package main

// #cgo CFLAGS: -I${SRCDIR}
// #define DLRPC_PLUGIN_IMPLEMENTATION
// #include "dlrpc_plugin.h"
//
// static void report(dlrpc_call call, double done, double total, _GoString_ message) {
//   dlrpc_progress(call, done, total, _GoStringPtr(message), _GoStringLen(message));
// }
//
// static int hand_over(dlrpc_call call, _GoString_ json) {
//   return dlrpc_output(call, _GoStringPtr(json), _GoStringLen(json));
// }
//
// static void say(dlrpc_call call, int level, _GoString_ text) {
//   dlrpc_log(call, (enum dlrpc_level)level, _GoStringPtr(text), _GoStringLen(text));
// }
import "C"

// Nothing in this file is exported to C by Go, as cgo would then have the definitions above twice.

import (
	"math"
	"time"
)

type LogLevel int

const (
	LogError LogLevel = C.DLRPC_ERROR
	LogWarn  LogLevel = C.DLRPC_WARN
	LogInfo  LogLevel = C.DLRPC_INFO
	LogDebug LogLevel = C.DLRPC_DEBUG
)

// Call is a call of the plugin: a number, which may be copied and passed on.
type Call C.dlrpc_call

// CurrentCall returns the call that runs on this thread; in goroutines that it starts, one that is over.
func CurrentCall() Call { return Call(C.dlrpc_current_call()) }

// Progress tells how far the call is, in any unit; a total that is not above 0 means that it is not known.
func (call Call) Progress(done, total float64, message string) {
	C.report(C.dlrpc_call(call), C.double(done), C.double(total), message)
}

// Output hands over a partial result, one JSON value. It returns false where that is not passed on: the call is over or is
// to stop, nobody wants it, or it is too long.
func (call Call) Output(json string) bool { return C.hand_over(C.dlrpc_call(call), json) != 0 }

// Log says something to whoever reads the host's log.
func (call Call) Log(level LogLevel, text string) { C.say(C.dlrpc_call(call), C.int(level), text) }

// ShouldStop tells whether the call was cancelled, its time is up, or it is over: who then returns soon keeps the process.
func (call Call) ShouldStop() bool { return C.dlrpc_should_stop(C.dlrpc_call(call)) != 0 }

// Remaining returns the time until the call's deadline, and false where there is none.
func (call Call) Remaining() (time.Duration, bool) {
	milliseconds := int64(C.dlrpc_remaining_ms(C.dlrpc_call(call)))
	if milliseconds == math.MaxInt64 {
		return 0, false
	}
	return time.Duration(milliseconds) * time.Millisecond, true
}
