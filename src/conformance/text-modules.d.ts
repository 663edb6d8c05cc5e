// Text that is built into the program: esbuild's loader for .txt.

declare module "*.txt" {
  const text: string;
  export default text;
}
