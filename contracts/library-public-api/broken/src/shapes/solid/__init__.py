# expect: public_api
import numpy  # expect: third_party

from shapes.flat.circle import Circle  # expect: public_api, no_cycles


class Ball(Circle):
    size = numpy.inf
