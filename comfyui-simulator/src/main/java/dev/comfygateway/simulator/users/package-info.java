/** Users, their settings and their files. */
@NullMarked
package dev.comfygateway.simulator.users;

import org.jspecify.annotations.NullMarked;
