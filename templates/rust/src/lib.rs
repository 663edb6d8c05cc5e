//! my-plugin: what a host calls.

mod dlrpc_plugin;

use dlrpc_plugin::Call;
use std::ffi::{c_char, CStr, CString};
use std::panic::catch_unwind;
use std::ptr::null;

/// `context` is `{"input":{…},"workspace_root":"…" or null,"config":{…}}`. The standard library reads no JSON: here it is
/// the output as it is. The text of an error is shown to whoever called.
fn output(context: &str) -> Result<String, String> {
    Call::current().progress(1.0, 1.0, "answering");
    Ok(context.to_owned())
}

/// A text as JSON has it.
fn quote(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\0'..='\x1f' => json.extend(format!("\\u{:04x}", character as u32).chars()),
            _ => json.push(character),
        }
    }
    json + "\""
}

/// The host gives it back to `vtcode_plugin_free_string`.
fn copy(text: String) -> *const c_char {
    CString::new(text).map_or(null(), |text| text.into_raw())
}

#[unsafe(no_mangle)]
pub extern "C" fn vtcode_plugin_version() -> u32 {
    1
}

#[unsafe(no_mangle)]
pub extern "C" fn vtcode_plugin_metadata() -> *const c_char {
    copy(include_str!("../plugin.json").to_owned())
}

/// # Safety
/// `input_json` is a NUL-terminated string that stays valid during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vtcode_plugin_execute(input_json: *const c_char) -> *const c_char {
    // SAFETY: as above.
    let context = unsafe { CStr::from_ptr(input_json) }.to_string_lossy();
    // A panic that leaves the function would end the whole process.
    let result = catch_unwind(|| output(&context)).unwrap_or(Err("the plugin panicked".to_owned()));
    copy(match result {
        Ok(output) => format!(r#"{{"success":true,"output":{output},"error":null,"files":[]}}"#),
        Err(error) => format!(
            r#"{{"success":false,"output":{{}},"error":{},"files":[]}}"#,
            quote(&error)
        ),
    })
}

/// # Safety
/// `string` came from one of the functions above and was not freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vtcode_plugin_free_string(string: *const c_char) {
    if !string.is_null() {
        // SAFETY: as above.
        drop(unsafe { CString::from_raw(string.cast_mut()) });
    }
}
