//! What VT Code's engine does for a native plugin, in a loop over framed JSON-RPC: serde_json for the request, a context
//! of hash maps for the plugin, the plugin's answer as a typed result. `rust-engine LIBRARY`

use libloading::Library;
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::env::args;
use std::error::Error;
use std::ffi::{c_char, CStr, CString};
use std::io::{stdin, stdout, BufRead, BufReader, BufWriter, Write};

type ExecuteFn = unsafe extern "C" fn(*const c_char) -> *const c_char;
type FreeFn = unsafe extern "C" fn(*const c_char);

#[derive(Serialize)]
struct Context {
    input: HashMap<String, Value>,
    workspace_root: Option<String>,
    config: HashMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Output {
    success: bool,
    output: HashMap<String, Value>,
    error: Option<String>,
    files: Vec<String>,
}

struct Plugin {
    execute: ExecuteFn,
    free: FreeFn,
    _library: Library,
}

impl Plugin {
    fn load(path: &str) -> Result<Plugin, Box<dyn Error>> {
        // Sound as long as the library has the functions of the ABI with these types.
        unsafe {
            let library = Library::new(path)?;
            let execute = *library.get::<ExecuteFn>(b"vtcode_plugin_execute\0")?;
            let free = *library.get::<FreeFn>(b"vtcode_plugin_free_string\0")?;
            Ok(Plugin { execute, free, _library: library })
        }
    }

    fn execute(&self, context: &Context) -> Result<Output, Box<dyn Error>> {
        let input = CString::new(serde_json::to_string(context)?)?;
        let answer = unsafe {
            let answer = (self.execute)(input.as_ptr());
            if answer.is_null() {
                return Err("the plugin returned NULL".into());
            }
            let text = CStr::from_ptr(answer).to_str().map(str::to_owned);
            (self.free)(answer);
            text?
        };
        Ok(serde_json::from_str(&answer)?)
    }
}

fn object(params: &mut Map<String, Value>, name: &str) -> HashMap<String, Value> {
    match params.remove(name) {
        Some(Value::Object(members)) => members.into_iter().collect(),
        _ => HashMap::new(),
    }
}

fn answer(request: &mut Value, plugin: &mut Option<Plugin>) -> Result<Value, Box<dyn Error>> {
    let method = request["method"].as_str().unwrap_or_default().to_owned();
    let params = request["params"].as_object_mut().ok_or("params must be an object")?;
    match method.as_str() {
        "plugin/load" => {
            *plugin = Some(Plugin::load(&args().nth(1).ok_or("usage: rust-engine LIBRARY")?)?);
            Ok(json!({ "handle": "peer" }))
        }
        "plugin/execute" => {
            let context = Context {
                input: object(params, "input"),
                workspace_root: None,
                config: object(params, "config"),
            };
            Ok(serde_json::to_value(plugin.as_ref().ok_or("no plugin is loaded")?.execute(&context)?)?)
        }
        _ => Err("there is no such method".into()),
    }
}

fn read_body(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            field => length = field.split(": ").nth(1).and_then(|n| n.parse().ok()).unwrap_or(0),
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(body))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = BufReader::with_capacity(65536, stdin().lock());
    let mut output = BufWriter::with_capacity(65536, stdout().lock());
    let mut plugin = None;
    while let Some(body) = read_body(&mut input)? {
        let mut request: Value = serde_json::from_slice(&body)?;
        let id = request["id"].take();
        let response = match answer(&mut request, &mut plugin) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32603, "message": error.to_string() } }),
        };
        let text = serde_json::to_vec(&response)?;
        write!(output, "Content-Length: {}\r\n\r\n", text.len())?;
        output.write_all(&text)?;
        if input.buffer().is_empty() {
            output.flush()?; // answers that are ready together leave together
        }
    }
    Ok(())
}
