// json-length.rs: a step in Rust, with no crate: how many bytes its input has as JSON.
//
// The structs are those of wfrun/plugin.h, field by field; what this step does not use is a number of words. A panic must
// not cross the border: it is compiled with panic=abort, and nothing here can panic.
use std::ffi::{c_char, c_void};
use std::mem::size_of;
use std::ptr::null;
use std::sync::atomic::{AtomicPtr, Ordering};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    ptr: *const c_char,
    len: usize,
}

#[repr(C)]
pub struct Host {
    size: u32,
    abi: u32,
    input: extern "C" fn(*mut c_void) -> Bytes,
    config_to_progress: [usize; 14],
    succeed: extern "C" fn(*mut c_void, Bytes),
}

type Call = extern "C" fn(*mut c_void, *mut c_void);

#[repr(C)]
pub struct StepType {
    size: u32,
    effect: u32,
    flags: u32,
    max_parallel: u32,
    timeout_ms: i64,
    name: *const c_char,
    summary: *const c_char,
    input_schema: *const c_char,
    output_schema: *const c_char,
    run: Call,
    plan_to_plan_undo: [usize; 7],
}

#[repr(C)]
pub struct Plugin {
    size: u32,
    abi_major: u16,
    abi_minor: u16,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    config_group_to_secrets: [usize; 3],
    steps: *const *const StepType,
    standin: *const c_char,
    open: extern "C" fn(*const Host, *mut *mut c_void) -> i32,
    close: usize,
}

// Constant, and never written.
struct Steps([*const StepType; 2]);
unsafe impl Sync for StepType {}
unsafe impl Sync for Plugin {}
unsafe impl Sync for Steps {}

static HOST: AtomicPtr<Host> = AtomicPtr::new(std::ptr::null_mut());

extern "C" fn run(step: *mut c_void, _state: *mut c_void) {
    let host = unsafe { &*HOST.load(Ordering::Acquire) };
    let with = (host.input)(step);
    let output = format!("{{\"bytes\":{}}}", with.len);
    (host.succeed)(step, Bytes { ptr: output.as_ptr().cast(), len: output.len() }); // copied before it returns
}

extern "C" fn open(host: *const Host, ret_state: *mut *mut c_void) -> i32 {
    HOST.store(host.cast_mut(), Ordering::Release);
    unsafe { *ret_state = std::ptr::null_mut() };
    0
}

static STEP: StepType = StepType {
    size: size_of::<StepType>() as u32,
    effect: 0, // WF_EFFECT_NONE
    flags: 0,
    max_parallel: 0,
    timeout_ms: 0,
    name: b"json-length\0".as_ptr().cast(),
    summary: b"Measures its input\0".as_ptr().cast(),
    input_schema: null(),
    output_schema: b"{\"type\":\"object\",\"required\":[\"bytes\"]}\0".as_ptr().cast(),
    run,
    plan_to_plan_undo: [0; 7],
};
static STEPS: Steps = Steps([&STEP, null()]);
static PLUGIN: Plugin = Plugin {
    size: size_of::<Plugin>() as u32,
    abi_major: 1,
    abi_minor: 1,
    name: b"json-length\0".as_ptr().cast(),
    version: b"1.0.0\0".as_ptr().cast(),
    summary: b"Measures JSON, in Rust\0".as_ptr().cast(),
    config_group_to_secrets: [0; 3],
    steps: STEPS.0.as_ptr(),
    standin: null(),
    open,
    close: 0,
};

#[no_mangle]
pub extern "C" fn wf_plugin_entry(_host_abi: u32) -> *const Plugin {
    &PLUGIN
}
