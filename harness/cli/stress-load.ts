/** A thread that keeps a processor busy until it is ended from outside. */
for (;;) Math.sqrt(Math.random());
