// Express 4 under its alias: what the middlewares use of it is typed alike in 5.
declare module 'express4' {
  import express from 'express';

  export default express;
}
