// `npm start`: the main job on the embedded target; arguments after `--` go to `run`.
process.argv.splice(2, 0, 'run');
await import('./webpush-conformance.js');
